"""The node's database: its tables, how it is opened, and how older ones become today's."""
