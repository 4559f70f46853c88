import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readState } from "../../terraform/state";
import { firstError } from "../../terraform/workspace";

const folder = mkdtempSync(join(tmpdir(), "drydock-state-"));
const file = join(folder, "x.tfstate");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("a state file", () => {
  it("that is missing or empty is no state", () => {
    expect(readState(file)).toBeUndefined();
    writeFileSync(file, "");
    expect(readState(file)).toBeUndefined();
  });

  it("that is damaged says where the one before it is", () => {
    writeFileSync(file, `{"version":4,"resour`);
    expect(() => readState(file)).toThrow(
      /is damaged: it is not JSON\. Terraform keeps the one before it beside it, with the ending \.backup/,
    );
  });

  it("of another format is refused", () => {
    writeFileSync(file, `{"version":3}`);
    expect(() => readState(file)).toThrow(/has format 3; Drydock reads format 4/);
  });

  it("gives addresses as Terraform prints them, tainted and deposed ones marked", () => {
    const instances = [{ index_key: 0, attributes: { id: "a" } }, { index_key: "b", status: "tainted" }, { deposed: "0a1b" }];
    writeFileSync(
      file,
      JSON.stringify({
        version: 4,
        serial: 1,
        lineage: "x",
        resources: [
          { mode: "managed", type: "aws_vpc", name: "main", instances },
          { mode: "data", type: "aws_region", name: "here", instances: [{}] },
        ],
      }),
    );
    expect(readState(file)?.resources.map(({ address, tainted }) => [address, tainted])).toEqual([
      ["aws_vpc.main[0]", false],
      [`aws_vpc.main["b"]`, true],
      ["aws_vpc.main (deposed 0a1b)", false],
    ]);
  });
});

describe("the first error of Terraform's output", () => {
  it("is its summary and the sentence below, without the frame", () => {
    const output =
      "╷\n│ Error: creating VPC: limit exceeded\n│ \n│   with aws_vpc.main,\n│   on main.tf.json line 1\n│ \n│ Five VPCs are enough.\n╵\n";
    expect(firstError(output)).toBe("creating VPC: limit exceeded (Five VPCs are enough.)");
  });

  it("has the whole paragraph below, however Terraform wraps it", () => {
    const output = "Error: Failed to query\n\nCould not retrieve the list of\nprovider hashicorp/helm\n\n  - /mirror\n\nError: another\n";
    expect(firstError(output)).toBe("Failed to query (Could not retrieve the list of provider hashicorp/helm)");
  });

  it("is the last line where Terraform says nothing of an error", () => {
    expect(firstError("one\ntwo\n")).toBe("two");
    expect(firstError("")).toBe("it printed nothing");
  });
});
