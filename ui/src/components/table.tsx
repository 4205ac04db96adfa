import { type ReactNode, useDeferredValue } from "react";

/** So many rows fill a window; the others are drawn when these can be read. */
const FIRST_ROWS = 16;

export interface Column<Row> {
  /** What the column holds; an empty one has a label for readers of the screen instead. */
  title: string;
  hidden?: boolean;
  cell: (row: Row) => ReactNode;
  align?: "right";
  /** Left out where the window is narrow. */
  optional?: boolean;
  /** Takes what room is left. */
  wide?: boolean;
}

interface TableProps<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  id: (row: Row) => string;
  /** What the table is, for readers of the screen. */
  label: string;
  empty?: ReactNode;
}

/** Rows of things. Sorting and paging are the server's. */
export function Table<Row>({ rows, columns, id, label, empty }: TableProps<Row>) {
  const drawn = useDeferredValue(rows, rows.slice(0, FIRST_ROWS));
  if (rows.length === 0 && empty) return empty;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={label}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-line border-b">
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={`whitespace-nowrap px-4 py-2 font-medium text-faint text-xs ${look(column)}`}
              >
                <span className={column.hidden ? "sr-only" : ""}>{column.title}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {drawn.map((row) => (
            <tr key={id(row)} className="border-line border-b last:border-b-0 hover:bg-hover/60">
              {columns.map((column) => (
                <td key={column.title} className={`px-4 py-2.5 align-top ${look(column)}`}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function look<Row>(column: Column<Row>): string {
  return [
    column.align === "right" ? "text-right" : "",
    column.optional ? "max-md:hidden" : "",
    column.wide ? "w-full" : "",
  ].join(" ");
}
