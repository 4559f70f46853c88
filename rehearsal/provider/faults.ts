/** What can go wrong with an operation. */
export const FAULT_KINDS = ["create-fails", "answer-lost", "throttled", "update-fails", "delete-refused"] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault to stage: the nth operation of a type in a stack fails, once. */
export interface Fault {
  readonly kind: FaultKind;
  readonly stack: string;
  readonly type: string;
  /** Counted from 1. */
  readonly occurrence: number;
}

/** Operations of the protocol that faults apply to. */
export type Operation = "create" | "update" | "delete";

/** Which operation a fault strikes. */
export const STRIKES: Readonly<Record<FaultKind, Operation>> = {
  "create-fails": "create",
  "answer-lost": "create",
  throttled: "create",
  "update-fails": "update",
  "delete-refused": "delete",
};

const MESSAGES: Readonly<Record<FaultKind, string>> = {
  "create-fails": "InternalFailure: the service failed while it created the object (staged fault)",
  "answer-lost": "RequestError: connection reset after the object was created (staged fault)",
  throttled: "ThrottlingException: Rate exceeded, after 25 attempts (staged fault)",
  "update-fails": "InternalFailure: the service failed while it changed the object (staged fault)",
  "delete-refused": "DependencyViolation: the object is still in use elsewhere (staged fault)",
};

/** The faults that wait for their operation. */
export class FaultPlan {
  private armed: Fault | undefined;
  private readonly seen = new Map<string, number>();
  /** Whether the armed fault has struck. */
  struck = false;

  /** Arms a fault, or none, and starts counting anew. */
  arm(fault: Fault | undefined): void {
    this.armed = fault;
    this.struck = false;
    this.seen.clear();
  }

  /** Called before each operation; answers with the fault that strikes it. */
  strike(operation: Operation, stack: string, type: string): { readonly kind: FaultKind; readonly message: string } | undefined {
    const fault = this.armed;
    if (!fault || this.struck || fault.stack !== stack || fault.type !== type || STRIKES[fault.kind] !== operation) return undefined;
    const key = `${operation}/${stack}/${type}`;
    const count = (this.seen.get(key) ?? 0) + 1;
    this.seen.set(key, count);
    if (count !== fault.occurrence) return undefined;
    this.struck = true;
    return { kind: fault.kind, message: MESSAGES[fault.kind] };
  }
}
