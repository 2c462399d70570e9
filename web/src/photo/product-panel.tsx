import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem } from '../api/problem.ts';
import type { Photo, Product } from '../api/shapes.ts';
import { notify, notifyProblem } from '../shell/notice.ts';
import { may } from '../sign-in/session.ts';
import { texts } from '../texts.ts';
import { readProducts, setProduct } from './photo-data.ts';

/** For a photo whose place has no product: says what grows there, so that the count is booked. */
export function ProductPanel({ photo }: { readonly photo: Photo }) {
  const { location, session } = photo;
  if (session.state !== 'needs_config' || !location) return null;
  return (
    <section class="panel" aria-labelledby="product-title">
      <h2 id="product-title">{texts.photo.product}</h2>
      {may('config:write') ? (
        <ProductForm locationId={location.id} />
      ) : (
        <p class="quiet">{texts.photo.productByAdmin}</p>
      )}
    </section>
  );
}

interface ProductFormProps {
  readonly locationId: string;
}

function ProductForm({ locationId }: ProductFormProps) {
  const products = useSignal<readonly Product[]>([]);
  const chosen = useSignal('');
  const busy = useSignal(false);
  useEffect(() => {
    readProducts().then(
      (read) => {
        products.value = read;
      },
      (error) => notifyProblem(asProblem(error)),
    );
  }, []);
  const save = async () => {
    busy.value = true;
    try {
      await setProduct(locationId, chosen.value);
      notify({ tone: 'good', text: texts.photo.productSaved });
    } catch (error) {
      notifyProblem(asProblem(error));
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="place-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.value) void save();
      }}
    >
      <label class="field">
        <span>{texts.photo.setProduct}</span>
        <select
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          <option value="">{texts.photo.chooseProduct}</option>
          {products.value.map(({ id, sku, common_name }) => (
            <option key={id} value={id}>{`${common_name} (${sku})`}</option>
          ))}
        </select>
      </label>
      <div class="form-buttons">
        <button type="submit" class="button button-main" disabled={!chosen.value || busy.value}>
          {texts.photo.save}
        </button>
      </div>
    </form>
  );
}
