// The objects of Boost.Asio and Boost.Beast, which Debian's package of headers does not ship:
// compiled here and nowhere else.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
