-- A database of SQLite as the first migration made it, with a row in each table: sqlite3's dump.
BEGIN TRANSACTION;
CREATE TABLE accepted (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	object_id INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	committed BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_accepted PRIMARY KEY (id), 
	CONSTRAINT fk_accepted_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id), 
	CONSTRAINT fk_accepted_object_id FOREIGN KEY(object_id) REFERENCES objects (id), 
	CONSTRAINT uq_accepted_delivery_id_object_id UNIQUE (delivery_id, object_id)
);
INSERT INTO "accepted" VALUES(1,1,1,7,1,'2026-01-02 03:04:05.678000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	study_uid VARCHAR(128) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	detail TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT uq_audit_hash UNIQUE (hash)
);
INSERT INTO "audit" VALUES(1,'2026-11-30 12:40:39.170837','anna','127.0.0.1','view','1.2.3','success','the first release','67555dc66c8d880927667a1c8811a80ea06c38a81a788d0cc79f4969fb404d5b');
INSERT INTO "audit" VALUES(2,'2026-11-30 12:40:41.285632','bert','127.0.0.1','view','1.2.3','success','the first release','241e75efb186fb72c5575a7f59c0e4d2908d53b43304d11dd4a0088746d00feb');
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	result_id INTEGER NOT NULL, 
	destination VARCHAR(128) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	beat BIGINT NOT NULL, 
	sender VARCHAR(128) NOT NULL, 
	"transaction" VARCHAR(128) NOT NULL, 
	created DATETIME NOT NULL, 
	due DATETIME NOT NULL, 
	queued DATETIME NOT NULL, 
	finished DATETIME, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_result_id FOREIGN KEY(result_id) REFERENCES results (id), 
	CONSTRAINT uq_deliveries_result_id_destination UNIQUE (result_id, destination)
);
INSERT INTO "deliveries" VALUES(1,1,'deliveries-destination','delivered','deliveries-reason',7,7,'deliveries-sender','deliveries-transaction','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000');
CREATE TABLE failed_logins (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_failed_logins PRIMARY KEY (id)
);
INSERT INTO "failed_logins" VALUES(1,'failed_logins-name','failed_logins-address','2026-01-02 03:04:05.678000');
CREATE TABLE instances (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	series_id INTEGER NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	sop_class VARCHAR(128) NOT NULL, 
	transfer_syntax VARCHAR(128) NOT NULL, 
	path VARCHAR(512) NOT NULL, 
	bytes BIGINT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	received DATETIME NOT NULL, 
	CONSTRAINT pk_instances PRIMARY KEY (id), 
	CONSTRAINT fk_instances_series_id FOREIGN KEY(series_id) REFERENCES series (id), 
	CONSTRAINT fk_instances_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_instances_study_id_uid UNIQUE (study_id, uid)
);
INSERT INTO "instances" VALUES(1,1,1,'instances-uid','instances-sop_class','instances-transfer_syntax','instances-path',7,'instances-sha256','2026-01-02 03:04:05.678000');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	beat BIGINT NOT NULL, 
	worker VARCHAR(128) NOT NULL, 
	created DATETIME NOT NULL, 
	due DATETIME NOT NULL, 
	queued DATETIME NOT NULL, 
	started DATETIME, 
	finished DATETIME, 
	CONSTRAINT pk_jobs PRIMARY KEY (id), 
	CONSTRAINT fk_jobs_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_jobs_study_id_revision UNIQUE (study_id, revision)
);
INSERT INTO "jobs" VALUES(1,1,7,7,'done','jobs-reason',7,7,'jobs-worker','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000');
CREATE TABLE objects (
	id INTEGER NOT NULL, 
	result_id INTEGER NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	sop_class VARCHAR(128) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	CONSTRAINT pk_objects PRIMARY KEY (id), 
	CONSTRAINT fk_objects_result_id FOREIGN KEY(result_id) REFERENCES results (id), 
	CONSTRAINT uq_objects_result_id_uid UNIQUE (result_id, uid)
);
INSERT INTO "objects" VALUES(1,1,'objects-uid','objects-sop_class','objects-name');
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	path VARCHAR(512) NOT NULL, 
	reason TEXT NOT NULL, 
	study_uid VARCHAR(128) NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	calling_ae VARCHAR(64) NOT NULL, 
	received DATETIME NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id), 
	CONSTRAINT uq_quarantine_path UNIQUE (path)
);
INSERT INTO "quarantine" VALUES(1,'quarantine-path','quarantine-reason','quarantine-study_uid','quarantine-uid','quarantine-calling_ae','2026-01-02 03:04:05.678000');
CREATE TABLE results (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	job_id INTEGER, 
	revision INTEGER NOT NULL, 
	verdict VARCHAR(32) NOT NULL, 
	probability DOUBLE, 
	findings INTEGER NOT NULL, 
	places TEXT NOT NULL, 
	models JSON NOT NULL, 
	folder VARCHAR(512) NOT NULL, 
	seconds DOUBLE NOT NULL, 
	reason TEXT NOT NULL, 
	superseded BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_results PRIMARY KEY (id), 
	CONSTRAINT fk_results_job_id FOREIGN KEY(job_id) REFERENCES jobs (id), 
	CONSTRAINT fk_results_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_results_job_id UNIQUE (job_id)
);
INSERT INTO "results" VALUES(1,1,1,7,'results-verdict',0.625,7,'results-places','[{"name": "ct-veins"}]','results-folder',0.625,'results-reason',1,'2026-01-02 03:04:05.678000');
CREATE TABLE sending (
	id INTEGER NOT NULL, 
	receiver VARCHAR(128) NOT NULL, 
	association VARCHAR(64) NOT NULL, 
	study_id INTEGER NOT NULL, 
	CONSTRAINT pk_sending PRIMARY KEY (id), 
	CONSTRAINT fk_sending_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_sending_receiver_association_study_id UNIQUE (receiver, association, study_id)
);
INSERT INTO "sending" VALUES(1,'sending-receiver','sending-association',1);
CREATE TABLE series (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	modality VARCHAR(16) NOT NULL, 
	body_part VARCHAR(64) NOT NULL, 
	description VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	instance_count INTEGER NOT NULL, 
	CONSTRAINT pk_series PRIMARY KEY (id), 
	CONSTRAINT fk_series_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_series_study_id_uid UNIQUE (study_id, uid)
);
INSERT INTO "series" VALUES(1,1,'series-uid','series-modality','series-body_part','series-description',7,7);
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	seen DATETIME NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT uq_sessions_hash UNIQUE (hash)
);
INSERT INTO "sessions" VALUES(1,1,'sessions-hash','sessions-csrf','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000');
CREATE TABLE studies (
	id INTEGER NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	urgency DOUBLE NOT NULL, 
	revision INTEGER NOT NULL, 
	arrivals INTEGER NOT NULL, 
	instance_count INTEGER NOT NULL, 
	bytes BIGINT NOT NULL, 
	calling_ae VARCHAR(64) NOT NULL, 
	received DATETIME NOT NULL, 
	changed DATETIME NOT NULL, 
	patient_id VARCHAR(255) NOT NULL, 
	patient_name VARCHAR(255) NOT NULL, 
	birth_date VARCHAR(16) NOT NULL, 
	sex VARCHAR(16) NOT NULL, 
	accession_number VARCHAR(64) NOT NULL, 
	study_date VARCHAR(16) NOT NULL, 
	study_time VARCHAR(32) NOT NULL, 
	description VARCHAR(255) NOT NULL, 
	CONSTRAINT pk_studies PRIMARY KEY (id), 
	CONSTRAINT uq_studies_uid UNIQUE (uid)
);
INSERT INTO "studies" VALUES(1,'studies-uid','screened','studies-reason',0.625,7,7,7,7,'studies-calling_ae','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000','studies-patient_id','studies-patient_name','studies-birth_da','studies-sex','studies-accession_number','studies-study_da','studies-study_time','studies-description');
CREATE TABLE tokens (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	expires DATETIME, 
	revoked BOOLEAN NOT NULL, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT uq_tokens_hash UNIQUE (hash)
);
INSERT INTO "tokens" VALUES(1,1,'tokens-label','tokens-hash','2026-01-02 03:04:05.678000','2026-01-02 03:04:05.678000',1);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	password_hash VARCHAR(255) NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_name UNIQUE (name)
);
INSERT INTO "users" VALUES(1,'users-name','reader','users-password_hash',1,'2026-01-02 03:04:05.678000');
CREATE INDEX ix_audit_study_uid ON audit (study_uid);
CREATE INDEX ix_failed_logins_address_at ON failed_logins (address, at);
CREATE INDEX ix_failed_logins_name_at ON failed_logins (name, at);
CREATE INDEX ix_studies_patient_id ON studies (patient_id);
CREATE INDEX ix_studies_received ON studies (received);
CREATE INDEX ix_studies_state ON studies (state);
CREATE INDEX ix_studies_urgency_id ON studies (urgency, id);
CREATE INDEX ix_jobs_state_priority_due ON jobs (state, priority, due);
CREATE INDEX ix_instances_series_id ON instances (series_id);
CREATE INDEX ix_results_study_id ON results (study_id);
CREATE INDEX ix_deliveries_state_due ON deliveries (state, due);
CREATE INDEX ix_deliveries_transaction ON deliveries ("transaction");
CREATE TRIGGER audit_UPDATE BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_DELETE BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
COMMIT;
