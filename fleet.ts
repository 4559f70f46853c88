import { defineFleet } from "./config/declaration";
import { playground, production, staging } from "./config/presets";

export default defineFleet({
  name: "acme",
  account: "111122223333",
  region: "eu-west-1",
  domain: "k8s.acme.example",
  owner: "platform@acme.example",
  github: { repository: "acme/platform" },
  access: {
    admins: ["arn:aws:iam::111122223333:role/platform"],
    viewers: ["arn:aws:iam::111122223333:role/developer"],
    breakGlass: ["arn:aws:iam::111122223333:role/break-glass"],
  },
  clusters: {
    production: production({
      network: { cidr: "10.10.0.0/16" },
      api: { publicCidrs: ["203.0.113.0/24"] },
      traffic: { allowFrom: ["0.0.0.0/0"] },
    }),
    staging: staging({
      network: { cidr: "10.20.0.0/16" },
      api: { publicCidrs: ["203.0.113.0/24"] },
      traffic: { allowFrom: ["203.0.113.0/24"] },
    }),
    playground: playground({
      network: { cidr: "10.30.0.0/18" },
      api: { publicCidrs: ["203.0.113.0/24"] },
      traffic: { allowFrom: ["203.0.113.0/24"] },
    }),
  },
});
