import type { Protocol } from '../../shared/domain/gateway/protocol.ts';
import { protocolNames, useText } from '../text/text.ts';

/** A box for each protocol; with all of them checked there is no restriction, and what is chosen is null. */
export function ProtocolBoxes(properties: {
  legend: string;
  among: readonly Protocol[];
  chosen: readonly Protocol[] | null;
  onChoose: (chosen: readonly Protocol[] | null) => void;
}) {
  const { legend, among, chosen, onChoose } = properties;
  const { text } = useText();
  const isChosen = (protocol: Protocol) => chosen?.includes(protocol) ?? true;
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="boxes">
        {among.map((protocol) => (
          <label key={protocol}>
            <input
              type="checkbox"
              checked={isChosen(protocol)}
              onChange={({ currentTarget: { checked } }) => {
                const next = among.filter((each) => (each === protocol ? checked : isChosen(each)));
                onChoose(next.length === among.length ? null : next);
              }}
            />
            {protocolNames[protocol]}
          </label>
        ))}
      </div>
      {chosen?.length === 0 && <p role="status">{text.invalid.protocols}</p>}
    </fieldset>
  );
}
