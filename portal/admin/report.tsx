import { useEffect, useRef, useState } from 'preact/hooks';
import { protocols } from '../../shared/domain/gateway/protocol.ts';
import { addCounts, type Counts, noCounts } from '../../shared/domain/report/counts.ts';
import type { Answer } from '../client/api.ts';
import { Alert } from '../parts/dialog.tsx';
import { useSession } from '../sign-in/session.ts';
import { tell } from '../text/failure.ts';
import { protocolNames, useText } from '../text/text.ts';
import { counted } from './api.ts';
import { useAdmin } from './use-admin.ts';

/** How far the report has come. */
interface Progress {
  readonly counts: Counts;
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** Adds up the numbers of all people, page by page, and can be stopped on the way. */
export function ReportPart() {
  const { takesOver } = useSession();
  const { api, words } = useAdmin();
  const { text, number } = useText();
  const [progress, setProgress] = useState<Progress>();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<Extract<Answer<unknown>, { kind: 'fault' | 'problem' }>>();
  const isWanted = useRef(false);
  const stop = () => {
    isWanted.current = false;
  };
  useEffect(() => stop, []);

  async function run() {
    if (isRunning) return;
    isWanted.current = true;
    setRunning(true);
    setFailure(undefined);
    let at: Progress = progress?.next ? progress : { counts: noCounts, next: null };
    do {
      const answer = await api.report(at.next);
      if (takesOver(answer, { kind: 'read' })) return;
      if (answer.kind !== 'ok') {
        if (answer.kind === 'fault' || answer.kind === 'problem') setFailure(answer);
        break;
      }
      const { counts, continuation } = answer.value;
      at = { counts: addCounts(at.counts, counts), next: continuation };
      setProgress(at);
    } while (at.next !== null && isWanted.current);
    setRunning(false);
  }

  const counts = progress?.counts;
  return (
    <>
      <p>{words.reportHelp}</p>
      <p role="status">
        {counts === undefined
          ? ''
          : progress?.next === null
            ? words.wholeReport(counts.people)
            : words.soFar(counts.people)}
      </p>
      {failure && <Alert>{tell(failure, text).words}</Alert>}
      <button type="button" class="main" onClick={isRunning ? stop : run}>
        {isRunning ? words.stop : failure ? text.tryAgain : progress?.next ? words.goOn : words.start}
      </button>
      {counts && (
        <table>
          <caption>{words.reportTitle}</caption>
          <tbody>
            {counted.map((key) => (
              <tr key={key}>
                <th scope="row">{words.counts[key]}</th>
                <td>{number(counts[key])}</td>
              </tr>
            ))}
            {([...protocols, 'unknown'] as const).map((protocol) => (
              <tr key={protocol}>
                <th scope="row">
                  {protocol === 'unknown' ? words.lastUnknown : words.lastFor(protocolNames[protocol])}
                </th>
                <td>{number(counts.lastProtocols[protocol])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
