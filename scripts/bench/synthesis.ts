import { median, run } from "./measure";

/** Synthesis of 1, 10 and 100 clusters beside cdktf alone making as many stacks and resources. */
export async function benchSynthesis(): Promise<void> {
  const measured = [];
  process.stdout.write(
    "Synthesis, whole process, median of 5 (3 for 100 clusters)\n  clusters  stacks  resources  seconds  MB   cdktf alone  per further cluster, ms: ours  cdktf alone  ratio\n",
  );
  for (const clusters of [1, 10, 100]) {
    const times = clusters === 100 ? 3 : 5;
    const fleet = await median(times, () => run("scripts/bench/programs.ts", ["fleet", clusters]));
    const bare = await median(times, () => run("scripts/bench/programs.ts", ["bare", fleet.stacks, fleet.resources]));
    const previous = measured.at(-1);
    const perCluster = (now: number, before: number) => ((now - before) / (clusters - (previous?.clusters ?? 0))) * 1000;
    const ours = previous && perCluster(fleet.seconds, previous.fleet.seconds);
    const theirs = previous && perCluster(bare.seconds, previous.bare.seconds);
    process.stdout.write(
      `  ${pad(clusters, 8)}  ${pad(fleet.stacks, 6)}  ${pad(fleet.resources, 9)}  ${pad(fleet.seconds.toFixed(2), 7)}  ${pad(fleet.maxRssMb.toFixed(0), 3)}  ${pad(bare.seconds.toFixed(2), 11)}` +
        (ours !== undefined && theirs !== undefined
          ? `  ${pad(ours.toFixed(1), 29)}  ${pad(theirs.toFixed(1), 11)}  ${(ours / theirs).toFixed(2)}`
          : "") +
        "\n",
    );
    measured.push({ clusters, fleet, bare });
  }
  await benchPlatform();
}

/** What the platform adds, beside the same fleets without a release. */
async function benchPlatform(): Promise<void> {
  const [first, more] = [1, 41];
  const added = async (clusters: number): Promise<number> => {
    const whole = await median(5, () => run("scripts/bench/programs.ts", ["fleet", clusters]));
    const without = await median(5, () => run("scripts/bench/programs.ts", ["clusters", clusters]));
    return whole.seconds - without.seconds;
  };
  const [toFirst, toAll] = [await added(first), await added(more)];
  process.stdout.write(
    `The platform adds ${toFirst.toFixed(2)} s to one cluster (goal 0.3), and ${(((toAll - toFirst) / (more - first)) * 1000).toFixed(1)} ms to each further one (goal 15); median of 5\n`,
  );
}

function pad(value: string | number, width: number): string {
  return String(value).padStart(width);
}
