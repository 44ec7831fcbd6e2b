// Boost.JSON's own objects, which Debian's package of headers does not ship: compiled here and
// nowhere else.
#include <boost/json/src.hpp>
