import { Construct } from "constructs";
import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";

/** Options of {@link BudgetAlarm}. */
export interface BudgetAlarmProps {
  readonly name: string;
  readonly monthlyUsd: number;
  /** Topic that hears of it. */
  readonly topicArn: string;
}

/** Tells the owner when a month has cost 80 % of the budget, and when it is forecast to exceed it. */
export class BudgetAlarm extends Construct {
  constructor(scope: Construct, id: string, { name, monthlyUsd, topicArn }: BudgetAlarmProps) {
    super(scope, id);
    const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notificationType,
      threshold,
      comparisonOperator: "GREATER_THAN",
      thresholdType: "PERCENTAGE",
      subscriberSnsTopicArns: [topicArn],
    });
    new BudgetsBudget(this, "budget", {
      name,
      budgetType: "COST",
      limitAmount: monthlyUsd.toFixed(1),
      limitUnit: "USD",
      timeUnit: "MONTHLY",
      notification: [notify("ACTUAL", 80), notify("FORECASTED", 100)],
    });
  }
}
