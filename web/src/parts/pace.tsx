import { usePacing } from '../api/run-queries.ts';
import '../runs.css';

/** How much of the request rate limit all imports together use now. */
export function Pace() {
  const { data } = usePacing();
  if (data === undefined) return null;
  const { allowed_per_second: allowed, used_per_second: used, share } = data;
  if (allowed === null) return <p className="quiet">Requests are not paced.</p>;
  return (
    <div className="gauge">
      <span id="pace">Pacing</span>
      <meter min={0} max={1} value={share ?? 0} aria-labelledby="pace pace-figure" />
      <span id="pace-figure">
        {used === null ? 'measuring: ' : `${used.toFixed(1)} of `}
        {allowed.toFixed(1)} requests a second allowed
        {share !== null && `, ${Math.round(share * 100)} %`}
      </span>
    </div>
  );
}
