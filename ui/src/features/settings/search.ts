export const TABS = ["variables", "secrets", "connections", "access"] as const;
export type SettingsTab = (typeof TABS)[number];

export interface SettingsSearch {
  tab?: SettingsTab;
}

export function readSettingsSearch({ tab }: Record<string, unknown>): SettingsSearch {
  return { tab: TABS.find((one) => one === tab && one !== "variables") };
}
