/** An offer tells a driver the area only; what identifies the customer comes with the job. */
import { expect, it } from 'vitest';
import { offerMessage, snapshotMessages } from '../../../src/transport/gps/socket/driver-wire.ts';
import { presentDriver } from '../../../src/transport/http/v1/present-driver.ts';
import { offerOf, Rider } from '../../driver/harness.ts';

const HOME = { position: { lat: -26.212345, lng: 27.912345 }, name: 'Thabo', address: '12 Vilakazi Street', note: 'gate code 4711' };

it('an offer shows the area of the door, and nothing that was written down, by socket and by API; the job shows it all', () => {
  const { job } = offerOf('off_1');
  const offer = offerOf('off_1', job.orderId, { job: { ...job, dropoff: HOME } });
  const rider = new Rider().online();
  rider.send({ type: 'offer', offer });
  const shown = [offerMessage(offer), JSON.stringify(presentDriver(rider.view(), rider.nowMs))];
  for (const text of shown) {
    expect(text).toContain('-26.212');
    for (const secret of ['-26.2123', '27.9123', 'Thabo', 'Vilakazi', '4711']) expect(text).not.toContain(secret);
  }
  rider.accept();
  rider.answered('won');
  expect(JSON.stringify(presentDriver(rider.view(), rider.nowMs))).toContain('Vilakazi');
});

it('what a ride will earn stands beside its fee, in the offer and in the job, by socket and by API, and is what is earned', () => {
  for (const feeMinor of [1, 10, 1_999, 2_750, 1_234_567]) {
    const offer = offerOf('off_1', undefined, { feeMinor });
    const rider = new Rider().online();
    rider.send({ type: 'offer', offer });
    const offered = [JSON.parse(offerMessage(offer)), presentDriver(rider.view(), rider.nowMs).offer];
    rider.accept();
    rider.answered('won');
    const view = rider.view();
    const jobs = [JSON.parse(snapshotMessages(view)[1] ?? ''), (presentDriver(view, rider.nowMs).jobs as unknown[])[0]];
    rider.send({ type: 'job_ended', orderId: offer.orderId, outcome: 'delivered', cashMinor: 0 });
    const netMinor = rider.view().earnings.totalMinor;
    expect(netMinor).toBe(feeMinor - Math.round(feeMinor * 0.15));
    for (const shown of [...offered, ...jobs]) expect(shown).toMatchObject({ fee_minor: feeMinor, net_minor: netMinor });
  }
});
