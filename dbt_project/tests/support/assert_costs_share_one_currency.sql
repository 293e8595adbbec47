-- One row when the cost assumptions mix currencies: their amounts cannot be added.
select count(distinct currency) as currencies
from {{ ref('cost_assumptions') }}
having count(distinct currency) > 1
