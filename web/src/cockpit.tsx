import { useEffect, useRef } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { LiveProvider, useLive } from './api/live.tsx';
import { keyOfTab } from './api/client.ts';
import { useMarket } from './api/queries.ts';
import { Help } from './parts/help.tsx';
import { KeyGate, askForKey } from './parts/key-gate.tsx';
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
        <Arrival />
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

function changeKey(): void {
  keyOfTab.forget();
  askForKey('Which key instead?');
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
      {keyOfTab.read() !== null && (
        <button type="button" className="plain" onClick={changeKey}>
          Change key
        </button>
      )}
      <Help isOpen={isHelpOpen} close={closeHelp} />
    </header>
  );
}

/** Names the view in the title, and lets whoever came by key or reader begin at its content. */
function Arrival() {
  const [at] = useLocation();
  const before = useRef(at);
  useEffect(() => {
    const [, name = ''] = PLACES.findLast(([href]) => at === href || at.startsWith(`${href}/`)) ?? [];
    const [, , what = ''] = at.split('/');
    const said = at.startsWith('/symbols/') || at.startsWith('/universes/') ? readable(what) : name;
    document.title = [said, 'TickStock'].filter((part) => part !== '').join(' · ');
    if (before.current !== at) document.getElementById('content')?.focus({ preventScroll: true });
    before.current = at;
  }, [at]);
  return null;
}

function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
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
