import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { live, queries } from "./app/live";
import { router } from "./app/router";
import { boot } from "./lib/boot";
import { serverTime } from "./lib/now";
import "./style.css";

// Before anything is asked: what a page asks for may depend on the time.
if (boot.at) serverTime(new Date(boot.at), Date.now() - performance.now(), Date.now(), 0);
live.start();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
