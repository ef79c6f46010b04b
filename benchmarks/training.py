"""Does the lesson's recipe beat training the plain way, and what does each cost?

    python benchmarks/training.py [--seeds N]

The same network is trained twice in one run: as lesson 04 does it (batches of 128, a learning rate that warms up and
falls along a cosine, 3 epochs), and the plain way (batches of 64, Adam at its default rate, 5 epochs). The last twelfth
of the training images (5,000 of MNIST's 60,000) is kept aside for validation; the recipe's settings were chosen on it
alone. The test set is opened once per network, when its training is over. The times compare with each other, not with
other machines.
"""

import argparse
import time

import digits_helpers as dh

dh.quiet_tensorflow()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from digits_helpers.training import compile_with_schedule  # noqa: E402


def compile_plainly(model, examples, epochs, batch_size):
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])


WAYS = {
    "recipe": (compile_with_schedule, 3, 128),
    "plain": (compile_plainly, 5, 64),
}


def measure(way, seed, train, validation, test):
    """Train one network; return its validation accuracy, its test accuracy and the seconds that ``fit`` took."""
    compile_model, epochs, batch_size = WAYS[way]
    keras.utils.set_random_seed(seed)
    model = dh.build_cnn()
    compile_model(model, len(train[0]), epochs, batch_size)
    start = time.perf_counter()
    history = model.fit(*train, batch_size, epochs, verbose=0, validation_data=validation).history
    seconds = time.perf_counter() - start
    return history["val_accuracy"][-1], model.evaluate(*test, verbose=0, batch_size=500)[1], seconds


def main():
    parser = argparse.ArgumentParser(description="Compare the lesson's recipe with training the plain way.")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="train with the seeds 0 to N-1 (default: 1)")
    seeds = parser.parse_args().seeds

    digits = dh.load_mnist()
    if digits.source == "sample":
        print("Only the offline sample is here: the accuracies below say nothing about all of MNIST.")
    held = len(digits.x_train) // 12
    x, x_test = (images[..., np.newaxis] / np.float32(255) for images in (digits.x_train, digits.x_test))
    train, validation = (x[:-held], digits.y_train[:-held]), (x[-held:], digits.y_train[-held:])

    print(f"{len(train[0]):,} training, {held:,} validation and {len(x_test):,} test images")
    print(f"{'way':<8}{'seed':>5}{'epochs':>8}{'batch':>7}{'validation':>12}{'test':>9}{'seconds':>9}")
    seconds = dict.fromkeys(WAYS, 0)
    for seed in range(seeds):
        for way, (_, epochs, batch_size) in WAYS.items():
            val, test, took = measure(way, seed, train, validation, (x_test, digits.y_test))
            print(f"{way:<8}{seed:>5}{epochs:>8}{batch_size:>7}{val:>12.2%}{test:>9.2%}{took:>9.1f}", flush=True)
            seconds[way] += took
    print(f"The recipe takes {seconds['recipe'] / seconds['plain']:.2f} of the plain way's time.")


if __name__ == "__main__":
    main()
