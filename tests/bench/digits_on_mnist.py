#!/usr/bin/env python3
"""What LeNet-5 makes of the real MNIST after seeing nothing but the program's own digits.

    python tests/bench/digits_on_mnist.py --data-dir DATA [--seeds 3]

DATA holds the folder `mnist`.  Prints how long 12 000 digits take to draw, the accuracy on MNIST's test part for each
seed after 8 epochs with Adam at 1e-3, and their mean; fails below 90 %, or where drawing takes longer than 10 seconds.
"""

import argparse
import statistics
import time

from engine.batches import ArrayData
from engine.data.catalogue import load
from engine.data.digits import digits
from engine.settings import TrainingSettings
from engine.templates import template
from engine.trainer import Trainer

WANTED, SECONDS = 0.9, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    began = time.perf_counter()
    digits(12_000, 0)
    seconds = time.perf_counter() - began
    print(f"12 000 digits drawn in {seconds:.1f} s")
    drawn, real = load("digits"), load("mnist", options.data_dir)
    data = ArrayData(drawn.train, drawn.test, real.test, drawn.mean, drawn.std)
    found = []
    for seed in range(options.seeds):
        trainer = Trainer(template("lenet5"), data, TrainingSettings(epochs=8, seed=seed))
        while not trainer.finished:
            trainer.step()
        found.append(trainer.history[-1].test_accuracy or 0.0)
        print(f"seed {seed}: {100 * found[-1]:.2f} % of the real MNIST's test part")
    mean = statistics.mean(found)
    print(f"mean {100 * mean:.2f} %")
    raise SystemExit(0 if mean >= WANTED and seconds <= SECONDS else "Not good enough.")


if __name__ == "__main__":
    main()
