import "./styles.css";

import { MutationCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { problemOf } from "./api/client";
import { App } from "./App";
import { applyTheme } from "./lib/theme";
import { Toasts } from "./ui/toast";

applyTheme();

const client = new QueryClient({
  mutationCache: new MutationCache(),
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always", // a server on this machine answers without any network
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => problemOf(error).status === 0 && failures < 2, // the server said no: asking again helps nobody
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Toasts>
          <App />
        </Toasts>
      </QueryClientProvider>
    </StrictMode>,
  );
}
