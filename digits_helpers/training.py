"""The training recipe: Adam with a learning rate that warms up and then decays along a cosine."""

import math

import keras

PEAK_RATE = 4e-3


def compile_with_schedule(model, examples, epochs, batch_size, peak=PEAK_RATE):
    """Compile ``model`` with Adam and a learning rate that warms up to ``peak`` and then decays to 0 along a cosine.

    The rate rises linearly during the first tenth of the training steps. The schedule covers exactly one training, so
    call ``fit`` with the same number of images (``examples``), ``epochs`` and ``batch_size``. The loss expects integer
    labels 0 to 9. Changes the model in place, and returns the schedule: a function from the step to the learning rate.

    >>> from digits_helpers import build_cnn
    >>> model = build_cnn()
    >>> schedule = compile_with_schedule(model, examples=1000, epochs=2, batch_size=100)
    >>> [round(float(schedule(step)), 4) for step in (0, 2, 11, 20)]
    [0.0, 0.004, 0.002, 0.0]

    Built in lesson 04.
    """
    steps = math.ceil(examples / batch_size) * epochs
    warmup = math.ceil(steps / 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,  # must be a float: the warm-up fails with the integer 0
        warmup_target=peak,
        warmup_steps=warmup,
        decay_steps=max(1, steps - warmup),
    )
    model.compile(
        loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(schedule), metrics=["accuracy"]
    )
    return schedule
