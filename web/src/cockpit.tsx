import { Link, Route, Switch, useLocation } from 'wouter';
import { LiveProvider, useLive } from './api/live.tsx';
import { useMarket } from './api/queries.ts';
import { Help } from './parts/help.tsx';
import { KeyGate } from './parts/key-gate.tsx';
import { Notices } from './parts/notices.tsx';
import { useKeyboard } from './parts/keyboard.ts';
import { words } from './parts/words.ts';
import { CoverageView } from './views/coverage.tsx';
import { ImportView } from './views/import.tsx';
import { NowView } from './views/now.tsx';
import { RunView } from './views/run.tsx';
import { RunsView } from './views/runs.tsx';
import { ScheduleView } from './views/schedule.tsx';
import { SymbolView } from './views/symbol.tsx';
import { SymbolsView } from './views/symbols.tsx';
import { UniverseView } from './views/universe.tsx';
import { UniversesView } from './views/universes.tsx';

const PLACES = [
  ['/', 'Now'],
  ['/import', 'Import'],
  ['/runs', 'Runs'],
  ['/coverage', 'Coverage'],
  ['/symbols', 'Symbols'],
  ['/universes', 'Universes'],
  ['/schedule', 'Schedule and settings'],
] as const;

/** The whole page: where one can go, what the market and the connection do, and the view the address names. */
export function Cockpit() {
  return (
    <KeyGate>
      <LiveProvider>
        <a className="skip" href="#content">
          Skip to the content
        </a>
        <Head />
        <main id="content" tabIndex={-1}>
          <Switch>
            <Route path="/" component={NowView} />
            <Route path="/import" component={ImportView} />
            <Route path="/runs" component={RunsView} />
            <Route path="/runs/:run">{({ run }) => <RunView runId={run} />}</Route>
            <Route path="/coverage" component={CoverageView} />
            <Route path="/symbols" component={SymbolsView} />
            <Route path="/symbols/:symbol">
              {({ symbol }) => <SymbolView key={symbol} symbol={symbol} />}
            </Route>
            <Route path="/universes" component={UniversesView} />
            <Route path="/universes/:name">{({ name }) => <UniverseView key={name} name={name} />}</Route>
            <Route path="/schedule" component={ScheduleView} />
            <Route>
              <h1>Nothing here</h1>
              <p>
                This address names no view. <Link href="/">Go to what happens now.</Link>
              </p>
            </Route>
          </Switch>
        </main>
        <Notices />
      </LiveProvider>
    </KeyGate>
  );
}

function Head() {
  const [at] = useLocation();
  const { isHelpOpen, closeHelp } = useKeyboard();
  return (
    <header className="head">
      <span className="brand" aria-hidden="true">
        TickStock
      </span>
      <nav aria-label="Views">
        {PLACES.map(([href, name]) => (
          <Link
            key={href}
            href={href}
            aria-current={at === href || (href !== '/' && at.startsWith(`${href}/`)) ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      <MarketState />
      <ConnectionState />
      <Help isOpen={isHelpOpen} close={closeHelp} />
    </header>
  );
}

function MarketState() {
  const { data } = useMarket();
  if (data === undefined) return null;
  return <span className={`market ${data.phase}`}>{words.phase(data)}</span>;
}

function ConnectionState() {
  const { connection } = useLive();
  return (
    <span className={`connection ${connection}`} role="status">
      {words.connection[connection]}
    </span>
  );
}
