import { useNavigate } from "@tanstack/react-router";
import { type ComponentType, useEffect, useRef, useState } from "react";
import { failed } from "~/components/toast";
import { PLACES } from "./nav";

/** How long after `g` the key of a place counts. */
const CHORD_MS = 1200;

const OPEN = "turnout:palette";

/** Opens the palette from anywhere. */
export function openPalette(): void {
  window.dispatchEvent(new Event(OPEN));
}

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
  const Layer = useLayer(shown, close);
  return Layer && <Layer onClose={close} />;
}

type Layer = ComponentType<{ onClose: () => void }>;

const LAYERS: Record<"palette" | "keys", () => Promise<{ default: Layer }>> = {
  palette: () => import("./palette"),
  keys: () => import("./key-list"),
};

/** What is shown above the page, once its file is there. That it did not come is no reason for a page to go. */
function useLayer(wanted: keyof typeof LAYERS | undefined, close: () => void): Layer | undefined {
  const [found, setFound] = useState<Partial<Record<keyof typeof LAYERS, { Layer: Layer }>>>({});
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!wanted || found[wanted]) return;
    LAYERS[wanted]().then(
      (file) => setFound((before) => ({ ...before, [wanted]: { Layer: file.default } })),
      (error) => {
        failed(error);
        latest.current();
      },
    );
  }, [wanted, found]);
  return wanted && found[wanted]?.Layer;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
