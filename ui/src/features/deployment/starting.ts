import { useRef } from "react";
import type { Misfit, Values } from "~/components/schema-form";
import { fetcher, here, type Schemas } from "~/lib/api";

type TriggerBody = Schemas["TriggerBody"];

export type Started = { run: Schemas["FlowRun"] } | { misfits: Misfit[] };

/** Start a run of a deployment, having asked whether its parameters fit. The same request twice makes one run: who
 * saw no answer presses again. Throws problems of the server. */
export function useStart(deployment: string): (body: TriggerBody & { parameters: Values }) => Promise<Started> {
  const last = useRef({ body: "", key: "" });
  return async (body) => {
    const params = { path: { name: deployment }, query: here };
    const checked = await fetcher.POST("/api/v1/deployments/{name}/check", {
      params,
      body: { parameters: body.parameters },
    });
    if (!checked.data) throw checked.error;
    if (checked.data.length) return { misfits: checked.data };
    const text = JSON.stringify(body);
    if (last.current.body !== text) last.current = { body: text, key: freshKey() };
    const header = { "Idempotency-Key": last.current.key };
    const started = await fetcher.POST("/api/v1/deployments/{name}/runs", { params: { ...params, header }, body });
    if (!started.data) throw started.error;
    last.current = { body: "", key: "" };
    return { run: started.data };
  };
}

function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
