import { expect, it } from "vitest";
import { ROOT } from "./support/checkout";
import { drydock } from "./support/drydock";

it.each([
  [["nonsense"], "There is no command drydock nonsense"],
  [["rehearze", "--help"], "Did you mean drydock rehearse?"],
  [["help", "previw"], "Did you mean drydock preview?"],
  [["charts", "pul", "--help"], "Did you mean drydock charts pull?"],
  [["help", "charts", "verfy"], "Did you mean drydock charts verify?"],
])("a command that does not exist is refused, whatever is asked of it: %s", async (words, said) => {
  const { exitCode, stderr, stdout } = await drydock(ROOT, words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(said);
});

it.each([[["--help"]], [["charts", "--help"]], [["charts", "help", "pull"]], [["--version"]]])(
  "help and version end well: %s",
  async (words) => {
    const { exitCode, stdout } = await drydock(ROOT, words);
    expect(exitCode).toBe(0);
    expect(stdout).not.toBe("");
  },
);
