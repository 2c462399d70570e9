import { t } from 'elysia';
import { codeTableRoutes } from '../code-tables/code-table.ts';
import type { CoreContext } from '../context.ts';
import { Code, Id, Name, nullable } from '../http/schemas.ts';

const TAG = 'Products';
const named = { code: Code, name: Name };
const reference = t.Optional(nullable(Id));
const size = (maximum: number) => t.Optional(nullable(t.Number({ exclusiveMinimum: 0, maximum })));
const height = t.Optional(nullable(t.Number({ minimum: 0, maximum: 10_000 })));
const price = t.Optional(nullable(t.Number({ minimum: 0, maximum: 9_999_999_999 })));

/** What is grown, in what it stands, and what it costs. */
export function productRoutes(context: Pick<CoreContext, 'db'>) {
  const simple = (path: string, table: string, noun: string) =>
    codeTableRoutes(context, { tag: TAG, path, table, noun, fields: named, retires: false });
  return [
    simple('/product-categories', 'product_categories', 'product category'),
    simple('/packaging-types', 'packaging_types', 'packaging type'),
    simple('/packaging-materials', 'packaging_materials', 'packaging material'),
    simple('/packaging-colors', 'packaging_colors', 'packaging color'),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/product-families',
      table: 'product_families',
      noun: 'product family',
      fields: { ...named, product_category_id: Id },
      filters: ['product_category_id'],
      retires: false,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/products',
      table: 'products',
      noun: 'product',
      fields: {
        sku: Code,
        common_name: Name,
        scientific_name: t.Optional(nullable(Name)),
        product_family_id: Id,
        attributes: t.Optional(t.Record(t.String(), t.Unknown())),
      },
      filters: ['product_family_id'],
      retires: true,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/product-states',
      table: 'product_states',
      noun: 'product state',
      fields: { ...named, sellable: t.Boolean() },
      retires: false,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/product-sizes',
      table: 'product_sizes',
      noun: 'product size',
      fields: { ...named, height_cm_min: height, height_cm_max: height },
      retires: false,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/packagings',
      table: 'packagings',
      noun: 'packaging',
      fields: {
        sku: Code,
        name: Name,
        packaging_type_id: reference,
        packaging_material_id: reference,
        packaging_color_id: reference,
        volume_l: size(10_000),
        diameter_cm: size(10_000),
        height_cm: size(10_000),
      },
      filters: ['packaging_type_id'],
      retires: true,
    }),
    codeTableRoutes(context, {
      tag: TAG,
      path: '/price-lists',
      table: 'price_lists',
      noun: 'price',
      fields: {
        packaging_id: Id,
        product_category_id: Id,
        wholesale_unit_price: price,
        retail_unit_price: price,
        units_per_box: t.Optional(nullable(t.Integer({ minimum: 1, maximum: 1_000_000 }))),
        available: t.Optional(t.Boolean()),
        discount_percent: t.Optional(t.Number({ minimum: 0, maximum: 100 })),
      },
      filters: ['packaging_id', 'product_category_id'],
      retires: false,
    }),
  ];
}
