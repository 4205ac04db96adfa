import { Dialog } from "~/components/dialog";
import { MODIFIER, PLACES } from "./nav";

/** The keys that work on every page. */
export default function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" open onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2">
        <Row keys={[MODIFIER, "K"]}>Commands: go to, run, pause</Row>
        <Row keys={["?"]}>These keys</Row>
        {PLACES.map(({ key, title }) => (
          <Row key={key} keys={["G", key.toUpperCase()]}>
            {title}
          </Row>
        ))}
        <Row keys={["Esc"]}>Close what is open</Row>
      </dl>
    </Dialog>
  );
}

function Row({ keys, children }: { keys: string[]; children: string }) {
  return (
    <>
      <dt className="flex gap-1">
        {keys.map((key) => (
          <kbd key={key} className="rounded border border-line-strong bg-sunk px-1.5 py-0.5 font-mono text-xs">
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{children}</dd>
    </>
  );
}
