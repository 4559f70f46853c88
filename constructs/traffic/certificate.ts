import { Construct } from "constructs";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { AcmCertificate, type AcmCertificateConfig } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { transformed, type Transform } from "../../config/transforms";

/** Options of {@link Certificate}. */
export interface CertificateProps {
  /** Name that the certificate covers, together with everything one level below it. */
  readonly domain: string;
  readonly zoneId: string;
  /** Provider for the zone's account, where that is not the stack's own. */
  readonly dnsProvider: AwsProvider | undefined;
  readonly transform: Transform<AcmCertificateConfig> | undefined;
}

/** A certificate for a domain and its wildcard, validated through the zone and renewed by ACM itself. */
export class Certificate extends Construct {
  /** Known only once the certificate is valid, so that a listener waits for it. */
  readonly validArn: string;

  constructor(scope: Construct, id: string, { domain, zoneId, dnsProvider, transform }: CertificateProps) {
    super(scope, id);
    const config: AcmCertificateConfig = {
      domainName: domain,
      subjectAlternativeNames: [`*.${domain}`],
      validationMethod: "DNS",
      lifecycle: { createBeforeDestroy: true },
    };
    const certificate = new AcmCertificate(this, "certificate", transformed(transform, config, id));
    // A name and its wildcard are validated by one and the same record.
    const option = certificate.domainValidationOptions.get(0);
    const record = new Route53Record(this, "validation-record", {
      provider: dnsProvider,
      zoneId,
      name: option.resourceRecordName,
      type: option.resourceRecordType,
      records: [option.resourceRecordValue],
      ttl: 300,
      allowOverwrite: true,
    });
    const validation = new AcmCertificateValidation(this, "validation", {
      certificateArn: certificate.arn,
      validationRecordFqdns: [record.fqdn],
    });
    this.validArn = validation.certificateArn;
  }
}
