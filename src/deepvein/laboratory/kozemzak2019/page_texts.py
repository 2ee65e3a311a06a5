"""The texts of the page, but for what depends on a study."""

INTRODUCTION = """\
The study asks whether deep veins can be segmented in CT of the legs, and whether a slice shows deep vein \
thrombosis, with four networks for the first and six for the second. Here it is run anew from the same \
description on other data: numbers cannot agree with the printed ones, and are not meant to.

Intervals are 95 %, by drawing patients with replacement. Where the paper names no value (learning rates, \
batches, epochs, channels), ours stand in the recipes."""

DATA = """\
Patients are divided 60/20/20. A slice without annotation counts as negative, as in the paper. The matched \
split is the most even of 5,000 random ones in slices, share of positive slices, contrast, extent of thrombi \
and coverage."""

SEGMENTATION = """\
Masks are cut at a probability of 0.5 and all pixels of a split are pooled. The printed IoU lie far above \
their Dice, which the foreground's IoU cannot do; they read as means over both classes. Both are given."""

CLASSIFICATION = """\
One slice is one case. Networks that take masks are trained with annotated ones, as in the paper, and \
judged with these and with masks that the best segmenter predicts, as in use. The paper tests no \
difference. Here each network stands against the 2D ResNet by the test of Obuchowski for clustered data, in \
which all slices of a patient are one unit: this is the p to go by. DeLong's test stands beside it because \
many use it for slices; it takes them as independent, which neighbours are not, so its p are too small."""

HYPOTHESIS = """\
False positives are said to come from mixing artefacts that resemble a thrombus in one slice but span more \
slices, so that networks that see eleven slices should have fewer of them. The threshold finds 90 % of the \
slices with thrombus; rates are those of slices without. Where artefacts lie is known of phantoms alone."""

REPEATED = {
    "splits": "One split of so few patients decides much, as the authors say: the same trainings on other "
    "random splits.",
    "curve": "The CNN-RNN with parts of the training patients: what more annotated patients would bring.",
}

BEYOND = """\
Section 6 names what the authors could not do. Each is one model more, or an average of models."""
