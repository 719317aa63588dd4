import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams } from "wouter";

import { api, type Problem } from "../../api/client";
import { useKept } from "../../lib/hooks";
import { Button, Fault, Hint, Waiting } from "../../ui/controls";
import { Desk } from "./Desk";

/** What a link to a rating task opens: the tasks and nothing else. */
export default function Rate() {
  const { token } = useParams<{ token: string }>();
  const at = `/api/rate/${encodeURIComponent(token)}`;
  const [rater, setRater] = useKept(`personae.rater.${token}`, "");
  const [isAgreed, setAgreed] = useState(false);
  const asked = useQuery<{ title: string; kind: string; question: string; consent: string; is_open: boolean }, Problem>({ queryKey: ["rate", token], queryFn: () => api.get(at), staleTime: Infinity, retry: false });
  const title = asked.data?.title ?? "Rating";
  useEffect(() => { document.title = title; }, [title]);
  const begin = useMutation<{ rater: string }, Problem>({ mutationFn: () => api.post(`${at}/begin`), onSuccess: (one) => setRater(one.rater) });
  return (
    <main className="page narrow">
      <h1>{title}</h1>
      {asked.error ? <Fault problem={asked.error} {...(asked.error.code === "offline" ? { retry: () => void asked.refetch() } : {})} /> : null}
      {asked.isPending ? <Waiting lines={4} /> : null}
      {begin.error ? <Fault problem={begin.error} /> : null}
      {asked.data && !rater && !asked.data.is_open ? <Hint tone="warn">As many have taken part as were wanted. Thank you for your will to help.</Hint> : null}
      {asked.data && !rater && asked.data.is_open ? (
        <section className="card pad stack" aria-label="Consent">
          <h2>{asked.data.question}</h2>
          <p className="prewrap">{asked.data.consent}</p>
          <label className="check"><input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked)} /><span>I have read this, and I take part of my own will.</span></label>
          <div><Button kind="primary" disabled={!isAgreed || begin.isPending} onClick={() => begin.mutate()}>Begin</Button></div>
        </section>
      ) : null}
      {asked.data && rater ? <><Desk at={at} rater={rater} /><p className="small muted">Your random number is <span className="mono wrap-anywhere">{rater}</span>; write it down if you may want your answers erased.</p></> : null}
    </main>
  );
}
