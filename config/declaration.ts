import type { ClusterDeclaration } from "./cluster-declaration";
import type { FoundationTransforms } from "./transforms";

/** Everything one organisation runs, as its `fleet.ts` declares it. */
export interface FleetDeclaration {
  /** Short name of the fleet; first part of every AWS name. Lower case letters, digits and hyphens, 2 to 16 characters. */
  readonly name: string;
  /** AWS account (12 digits) of the home foundation and of every cluster that names no other. */
  readonly account: string;
  /** AWS region of the home foundation and of every cluster that names no other, such as `eu-west-1`. */
  readonly region: string;
  /** DNS zone of the fleet. A cluster answers at `*.<cluster>.<domain>`. */
  readonly domain: string;
  /** E-mail address that budget alarms and alerts go to. */
  readonly owner: string;
  /**
   * The repository whose workflows plan and deploy this fleet.
   * @default no CI roles are made
   */
  readonly github?: GithubDeclaration;
  /** IAM roles that may use the clusters. */
  readonly access: AccessDeclaration;
  /**
   * Where Terraform keeps its state.
   * @default `{ kind: "local" }`: files under `.terraform-state/`, so that a newcomer needs no account
   */
  readonly state?: StateDeclaration;
  /**
   * Monthly budget of the home account in US dollars; an alarm goes to the owner at 80 % of it and when the forecast exceeds it.
   * @default 1000
   */
  readonly monthlyBudgetUsd?: number;
  /**
   * Adopts an existing public Route 53 zone for `domain` instead of making one.
   * @default a zone is made, and its name servers are an output of the foundation
   */
  readonly hostedZone?: {
    /** Zone id, such as `Z0123456789ABCDEFGHIJ`. */
    readonly id: string;
  };
  /**
   * Tags that every resource carries besides Drydock's own.
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Escape hatch for the foundation's resources; see docs/architecture.md.
   * @default nothing is changed
   */
  readonly transform?: FoundationTransforms;
  /** The clusters by role name. Start from a preset: `production()`, `staging()` or `playground()`. */
  readonly clusters: Readonly<Record<string, ClusterDeclaration>>;
}

/** Trust between GitHub Actions and AWS. */
export interface GithubDeclaration {
  /** `owner/name` of the repository. */
  readonly repository: string;
  /**
   * The branch whose workflow runs may deploy. Every branch and pull request of the repository may plan. Jobs that name a GitHub environment have another subject and may do neither.
   * @default main
   */
  readonly branch?: string;
  /**
   * Adopts an existing IAM OIDC provider for `token.actions.githubusercontent.com` (one account can hold only one).
   * @default one is made in each account
   */
  readonly oidcProviderArn?: string;
}

/** Who may use the clusters: IAM role ARNs by right. */
export interface AccessDeclaration {
  /** Full rights, except over what the admission policy guards. */
  readonly admins: readonly string[];
  /**
   * Read what Kubernetes' own `view` role shows: no secrets, nodes, volumes or custom resources.
   * @default []
   */
  readonly viewers?: readonly string[];
  /**
   * Deploy from a workstation: full rights, also over what the admission policy guards. CI's deploy role is always one.
   * @default []
   */
  readonly deployers?: readonly string[];
  /**
   * Full rights even over what the admission policy guards; each use leaves an audit annotation.
   * @default []
   */
  readonly breakGlass?: readonly string[];
}

/** Where Terraform keeps its state. */
export type StateDeclaration =
  | {
      /** Files under `.terraform-state/` beside `fleet.ts`. */
      readonly kind: "local";
    }
  | {
      /** The foundation's own bucket, locked by S3 itself. */
      readonly kind: "s3";
      /**
       * Bucket name.
       * @default `<fleet>-state-<account>`, which the foundation makes
       */
      readonly bucket?: string;
    }
  | {
      /** HCP Terraform: one workspace per stack, named `<fleet>-<stack>`. */
      readonly kind: "hcp";
      /** Organisation that holds the workspaces. */
      readonly organization: string;
      /**
       * Host of HCP Terraform or Terraform Enterprise.
       * @default app.terraform.io
       */
      readonly hostname?: string;
    };

/** Declares a fleet. Nothing is checked yet: checks run when the program synthesizes, and report every problem at once. */
export function defineFleet(fleet: FleetDeclaration): FleetDeclaration {
  return fleet;
}
