import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";

import { Shell } from "./Shell";
import { Boundary } from "./ui/boundary";
import { Waiting } from "./ui/controls";

const Gallery = lazy(() => import("./pages/personas/Gallery"));
const Editor = lazy(() => import("./pages/personas/Editor"));
const Chat = lazy(() => import("./pages/chat/Chat"));
const Runs = lazy(() => import("./pages/runs/Runs"));
const NewRun = lazy(() => import("./pages/runs/NewRun"));
const RunPage = lazy(() => import("./pages/runs/RunPage"));
const CompareRuns = lazy(() => import("./pages/runs/CompareRuns"));
const Populations = lazy(() => import("./pages/population/Populations"));
const PopulationPage = lazy(() => import("./pages/population/PopulationPage"));
const Instruments = lazy(() => import("./pages/instruments/Instruments"));
const InstrumentPage = lazy(() => import("./pages/instruments/InstrumentPage"));
const Take = lazy(() => import("./pages/instruments/Take"));
const Ratings = lazy(() => import("./pages/rating/Ratings"));
const RatingPage = lazy(() => import("./pages/rating/RatingPage"));
const Rate = lazy(() => import("./pages/rating/Rate"));
const Lost = lazy(() => import("./pages/Lost"));

const waiting = <div className="page"><Waiting lines={4} /></div>;

/** The pages by path. What a link invites to has neither navigation nor login. */
export function App() {
  const [path] = useLocation();
  return (
    <Boundary at={path}>
    <Suspense fallback={waiting}>
      <Switch>
        <Route path="/take/:token"><Take /></Route>
        <Route path="/rate/:token"><Rate /></Route>
        <Route>
          <Shell>
            <Boundary at={path}>
            <Suspense fallback={waiting}>
              <Switch>
                <Route path="/"><Redirect to="/personas" replace /></Route>
                <Route path="/personas"><Gallery /></Route>
                <Route path="/personas/new"><Editor /></Route>
                <Route path="/personas/:slug">{({ slug }) => <Editor key={slug} slug={slug} />}</Route>
                <Route path="/chat"><Chat /></Route>
                <Route path="/chat/:id">{({ id }) => <Chat id={id} />}</Route>
                <Route path="/runs"><Runs /></Route>
                <Route path="/runs/new"><NewRun /></Route>
                <Route path="/runs/new/:kind/:key">{({ kind, key }) => <NewRun kind={kind} experiment={key} />}</Route>
                <Route path="/runs/compare"><CompareRuns /></Route>
                <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
                <Route path="/population"><Populations /></Route>
                <Route path="/population/:id">{({ id }) => <PopulationPage key={id} id={id} />}</Route>
                <Route path="/instruments"><Instruments /></Route>
                <Route path="/instruments/:key">{({ key }) => <InstrumentPage key={key} instrument={key} />}</Route>
                <Route path="/rating"><Ratings /></Route>
                <Route path="/rating/:id">{({ id }) => <RatingPage key={id} id={id} />}</Route>
                <Route><Lost /></Route>
              </Switch>
            </Suspense>
            </Boundary>
          </Shell>
        </Route>
      </Switch>
    </Suspense>
    </Boundary>
  );
}
