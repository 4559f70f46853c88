import { join } from "node:path";
import { Secrets } from "../../preview/redaction/secrets";
import { collectSecrets } from "../../preview/redaction/structure";
import { choices, seeds, shown } from "./redaction-corpus";
import { harmless } from "./redaction-harmless";
import { WORST } from "./redaction-worst";

/** How much of what is secret is hidden, how much of what is not, and what it costs. */
export async function benchRedaction(): Promise<void> {
  process.stdout.write("Redaction\n");
  hiddenSecrets();
  hiddenTexts();
  manySecrets("letters and digits", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  manySecrets("every sign", Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join(""));
  for (const [what, text] of WORST) {
    const seconds = timed(() => {
      const secrets = new Secrets();
      secrets.learn(text);
      secrets.redactProse(text);
    });
    print(`1 MB of ${what}, read and redacted`, `${seconds.toFixed(2)} s`);
  }
  return Promise.resolve();
}

function hiddenSecrets(): void {
  const all = seeds(choices(1));
  const failed = all.filter((seed) => shown(seed).length > 0);
  print(`${all.length} seeded secrets, hidden (goal 100 %)`, `${(100 * (1 - failed.length / all.length)).toFixed(1)} %`);
  for (const { what } of failed.slice(0, 10)) process.stdout.write(`    shown: ${what}\n`);
}

function hiddenTexts(): void {
  const { count, hidden } = harmless(join(process.cwd(), "__tests__", "golden"));
  print(`${count} harmless texts and values, hidden (goal 0 %)`, `${((100 * hidden.length) / count).toFixed(2)} %`);
  for (const text of hidden.slice(0, 10)) process.stdout.write(`    hidden in: ${text.slice(0, 100)}\n`);
}

function manySecrets(what: string, characters: string): void {
  const choose = choices(2);
  const value = () => Array.from({ length: 600 }, () => characters.charAt(choose(characters.length))).join("");
  const resources = Array.from({ length: 5000 }, () => ({ field: value(), password: value() }));
  const secrets = new Secrets();
  const learning = timed(() => {
    for (const resource of resources) collectSecrets(secrets, resource, { field: true });
  });
  const redacting = timed(() => {
    for (const { field, password } of resources) for (const text of [field, password]) secrets.redactProse(text);
  });
  print(`5,000 resources of two secrets of 600 characters, ${what} (goal 2 s)`, `${learning.toFixed(2)} s + ${redacting.toFixed(2)} s`);
}

/** Seconds of the processor that some work takes: what else the machine does counts less. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1e6;
}

function print(what: string, figure: string): void {
  process.stdout.write(`  ${what.padEnd(82)} ${figure}\n`);
}
