import { useNavigate } from "@tanstack/react-router";
import { type ComponentType, useEffect, useRef, useState } from "react";
import { Dialog } from "~/components/dialog";
import { failed } from "~/components/toast";
import { PLACES } from "./nav";

/** How long after `g` the key of a place counts. */
const CHORD_MS = 1200;

const OPEN = "turnout:palette";

/** Opens the palette from anywhere. */
export function openPalette(): void {
  window.dispatchEvent(new Event(OPEN));
}

export const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** The keys that work on every page, the palette and the list of keys. Nothing happens while somebody types. */
export function Keys() {
  const [shown, setShown] = useState<"palette" | "keys" | undefined>();
  const navigate = useNavigate();
  const chord = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        setShown("palette");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "?") setShown("keys");
      else if (event.key === "g") chord.current = event.timeStamp;
      else if (event.timeStamp - chord.current < CHORD_MS) {
        chord.current = 0;
        const place = PLACES.find(({ key }) => key === event.key);
        if (place) void navigate({ to: place.to });
      }
    };
    const open = () => setShown("palette");
    window.addEventListener("keydown", onKey);
    window.addEventListener(OPEN, open);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener(OPEN, open);
    };
  }, [navigate]);
  const close = () => setShown(undefined);
  const Palette = usePalette(shown === "palette", close);
  if (shown === "palette") return Palette && <Palette onClose={close} />;
  return (
    <Dialog title="Keys" open={shown === "keys"} onClose={close}>
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

type Palette = ComponentType<{ onClose: () => void }>;

/** The palette, once it was wanted. That its file did not come is no reason for a page to go. */
function usePalette(wanted: boolean, close: () => void): Palette | undefined {
  const [found, setFound] = useState<{ Palette: Palette }>();
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!wanted || found) return;
    import("./palette").then(
      (file) => setFound({ Palette: file.default }),
      (error) => {
        failed(error);
        latest.current();
      },
    );
  }, [wanted, found]);
  return found?.Palette;
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

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
