import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Failure } from "./panel";

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** The buttons, the one that acts last. */
  footer?: ReactNode;
  /** Why what was asked for was not done: said here, for what is outside of an open dialog is out of reach. */
  failure?: unknown;
  wide?: boolean;
}

/** A modal dialog: the browser's own, which keeps the focus inside and gives it back. Rendered only while open. */
export function Dialog({ title, open, onClose, children, footer, failure, wide }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (open) element.current?.showModal();
  }, [open]);
  if (!open) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, which is the browser's doing
    <dialog
      ref={element}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === element.current && element.current.close()}
      className={`max-h-[85vh] w-[calc(100vw-2rem)] rounded-xl border border-line bg-raised p-0 shadow-float backdrop:bg-black/40 ${wide ? "max-w-3xl" : "max-w-lg"}`}
    >
      <div className="flex max-h-[85vh] flex-col">
        <header className="flex items-center justify-between gap-4 px-5 pt-4 pb-2">
          <h2 id={heading} className="font-semibold text-base">
            {title}
          </h2>
          <button
            type="button"
            aria-label="Close"
            className="rounded p-1 text-faint hover:bg-hover hover:text-ink"
            onClick={() => element.current?.close()}
          >
            <X size={16} aria-hidden />
          </button>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-4">{children}</div>
        {failure != null && (
          <div className="border-line border-t bg-bad-bg px-1">
            <Failure error={failure} />
          </div>
        )}
        {footer && (
          <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">{footer}</footer>
        )}
      </div>
    </dialog>
  );
}
