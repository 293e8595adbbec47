-- One row when the prices of models mix currencies: their costs cannot be added.
select count(distinct currency) as currencies
from {{ ref('coding_prices') }}
having count(distinct currency) > 1
