"""Luigi's side of `./dev bench engine`: its local scheduler in this process. It keeps no record."""

import json
import sys
import time

import luigi

done = set()


class One(luigi.Task):
    number = luigi.IntParameter()

    def complete(self):
        return self.number in done

    def run(self):
        done.add(self.number)


class Link(One):
    def requires(self):
        return [Link(number=self.number - 1)] if self.number else []


class All(luigi.WrapperTask):
    count = luigi.IntParameter()

    def requires(self):
        return [One(number=number) for number in range(self.count)]


def measure(workload, count):
    sys.setrecursionlimit(100_000)
    root = Link(number=count - 1) if workload == "chain" else All(count=count)
    began = time.perf_counter()
    assert luigi.build([root], local_scheduler=True, workers=1, log_level="WARNING")
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
