"""`atlas.formats` under the name by which the page has it."""

from atlas.formats import (
    UNKNOWN as UNKNOWN,
)
from atlas.formats import (
    bounds_text as bounds_text,
)
from atlas.formats import (
    counted_name as counted_name,
)
from atlas.formats import (
    day_text as day_text,
)
from atlas.formats import (
    money_text as money_text,
)
from atlas.formats import (
    number_text as number_text,
)
from atlas.formats import (
    range_text as range_text,
)
from atlas.formats import (
    reporter_name as reporter_name,
)
from atlas.formats import (
    share_text as share_text,
)
from atlas.formats import (
    short_day_text as short_day_text,
)
from atlas.formats import (
    short_money_text as short_money_text,
)
from atlas.formats import (
    stopped_text as stopped_text,
)
from atlas.formats import (
    stopped_with_slots as stopped_with_slots,
)
from atlas.formats import (
    usd_text as usd_text,
)
from atlas.formats import (
    years_text as years_text,
)
