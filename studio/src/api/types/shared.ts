/** What every page of the studio reads. */

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number | null;
}

export interface Session {
  user: string | null;
  needs_key: boolean;
  version: string;
  default_model: string;
  models: { name: string; is_simulated: boolean }[];
  renderers: { key: string; version: number; summary: string; source: string }[];
  limits: { upload_bytes: number; message_characters: number };
  confirm_above: number;
}
