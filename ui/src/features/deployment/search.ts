export const TABS = ["overview", "run", "schedule", "history", "code"] as const;
export type DeploymentTab = (typeof TABS)[number];

export interface DeploymentSearch {
  tab?: DeploymentTab;
  /** Values that the form begins with, by parameter: what a sent link holds. */
  values?: Record<string, unknown>;
  /** Which file of the code. */
  file?: string;
}

export function readDeploymentSearch(given: Record<string, unknown>): DeploymentSearch {
  const { tab, values, file } = given;
  return {
    tab: TABS.find((one) => one === tab && one !== "overview"),
    values:
      typeof values === "object" && values !== null && !Array.isArray(values)
        ? (values as Record<string, unknown>)
        : undefined,
    file: typeof file === "string" && file ? file : undefined,
  };
}
