import { Icon } from "../../shared/ui/icons";
import { dispatch, product } from "../store";
import { shopWords } from "./words";

/** What the shop shows right now, at the picture's edge; it opens in a page of its own. */
export function ProductCard() {
  const t = shopWords.value;
  const now = product.value;
  if (!now) return null;
  const { title, price, was, note, image, url } = now;
  return (
    <aside class="product" data-testid="product" aria-label={t.onShow}>
      {image ? (
        <img class="product-image" src={image} alt="" referrerpolicy="no-referrer" width={56} height={56} />
      ) : (
        <span class="product-image product-bag">
          <Icon name="bag" size={26} />
        </span>
      )}
      <div class="product-words">
        <strong dir="auto">{title}</strong>
        {note && <span dir="auto">{note}</span>}
        <span class="product-price">
          {price && <b>{price}</b>}
          {was && (
            <>
              <span class="unseen">{t.before}</span> <s>{was}</s>
            </>
          )}
        </span>
      </div>
      {url && (
        <a class="product-go" href={url} target="_blank" rel="noopener noreferrer">
          {t.look}
          <span class="unseen">: {title}</span>
        </a>
      )}
      <button
        type="button"
        class="bare product-close"
        aria-label={t.close}
        onClick={() => dispatch({ kind: "product", product: null })}
      >
        <Icon name="close" size={16} />
      </button>
    </aside>
  );
}
