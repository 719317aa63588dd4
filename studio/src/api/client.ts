import { events, type ServerEvent } from "../lib/sse";

/** What went wrong: what, where, what to do; and whatever else the server said about it. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly where = "",
    readonly remedy = "",
    readonly status = 0,
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "Problem";
  }
}

/** Any thrown value as a problem that can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) {
    return new Problem("offline", "The server does not answer.", "", "Check the connection, or start it again with `personae serve`; what is on this page stays, and what was saved is safe.");
  }
  return new Problem("unexpected", error instanceof Error ? error.message : String(error));
}

async function failure(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  try {
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    return new Problem(
      String(error.code ?? response.status),
      String(error.message ?? response.statusText),
      String(error.where ?? ""),
      String(error.remedy ?? ""),
      response.status,
      error,
    );
  } catch {
    return new Problem(String(response.status), `The server answered ${response.status} ${response.statusText}`.trim(), "", "", response.status);
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** An address with its query; empty values are left out. */
export function address(path: string, query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") words.append(key, String(value));
  }
  const text = words.toString();
  return text ? `${path}?${text}` : path;
}

interface Options {
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

async function send(method: string, path: string, { body, form, signal, headers = {} }: Options = {}): Promise<Response> {
  const sent: Record<string, string> = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-Personae"] = "1";
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method,
    headers: sent,
    body: form ?? (body === undefined ? null : JSON.stringify(body)),
    signal: signal ?? null,
    credentials: "same-origin",
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : problemOf(error);
  });
  if (!response.ok) {
    const problem = await failure(response);
    if (problem.status === 401) window.dispatchEvent(new Event("personae:signed-out"));
    throw problem;
  }
  return response;
}

async function json<T>(method: string, path: string, options?: Options): Promise<T> {
  const response = await send(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => json<T>("GET", address(path, query), { signal }),
  post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) => json<T>("POST", path, { body, signal }),
  put: <T>(path: string, body: unknown) => json<T>("PUT", path, { body }),
  patch: <T>(path: string, body: unknown) => json<T>("PATCH", path, { body }),
  remove: <T = void>(path: string) => json<T>("DELETE", path),
  upload: <T>(path: string, file: File, fields: Record<string, string> = {}) => {
    const form = new FormData();
    form.append("file", file);
    for (const [key, value] of Object.entries(fields)) form.append(key, value);
    return json<T>("POST", path, { form });
  },
  /** Posts and reads the answer as server-sent events until it ends. */
  async *stream(path: string, body: unknown, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
    yield* events(await send("POST", path, { body, signal, headers: { Accept: "text/event-stream" } }));
  },
};
