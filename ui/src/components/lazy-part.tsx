import { type ComponentType, useEffect, useState } from "react";
import { Placeholder } from "./panel";

/** A part of a page whose file is loaded when it is first shown, or ahead by `load()`. Not React's `lazy`: that shows a
 * place-holder even when the file is there, and after one nothing new for 300 ms. */
export function lazyPart<Props extends object>(fetch: () => Promise<ComponentType<Props>>) {
  let Loaded: ComponentType<Props> | undefined;
  const load = async () => {
    Loaded ??= await fetch();
  };

  function Part(props: Props) {
    const [state, setState] = useState<{ loaded: boolean; error?: unknown }>({ loaded: Loaded !== undefined });
    useEffect(() => {
      if (state.loaded) return;
      load().then(
        () => setState({ loaded: true }),
        (error: unknown) => setState({ loaded: false, error }),
      );
    }, [state.loaded]);
    if (state.error) throw state.error;
    return Loaded ? <Loaded {...props} /> : <Placeholder lines={6} />;
  }

  return Object.assign(Part, { load });
}
