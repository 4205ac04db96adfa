import type { ComponentType } from "react";
import type { Schema } from "./schema";
import type { FormStore } from "./store";
import type { Path } from "./values";

export interface FieldProps {
  store: FormStore;
  path: Path;
  schema: Schema;
  label: string;
  required: boolean;
  depth: number;
  /** Whether the label is for readers of the screen only: a list's items show none. */
  bare?: boolean;
}

/** A control that has fields inside; it is told what a field is, because a field may be such a control. */
export interface GroupProps {
  store: FormStore;
  path: Path;
  id: string;
  label: string;
  depth: number;
  Field: ComponentType<FieldProps>;
}
