import { Icon } from '../parts/icon.tsx';
import { useText } from '../text/text.ts';
import { type Device, devices } from './device.ts';
import { drawings } from './drawing.ts';

/** What it is for, as tiles of which one can be chosen. */
export function DeviceTiles(properties: { chosen: Device | undefined; onChoose: (device: Device) => void }) {
  const { chosen, onChoose } = properties;
  const { text } = useText();
  return (
    <fieldset>
      <legend>{text.what}</legend>
      <div class="tiles">
        {devices.map((device) => (
          <label key={device} class={device === chosen ? 'chosen' : ''}>
            <input type="radio" name="device" checked={device === chosen} onChange={() => onChoose(device)} />
            <Icon drawing={drawings[device]} />
            <span>{text.devices[device].tile}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
