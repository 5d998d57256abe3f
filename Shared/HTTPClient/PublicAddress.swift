import Glibc

/// Which addresses belong to the public internet; all others are nobody's business but our own network's.
package enum PublicAddress {
    /// Networks of IPv4 that are never public, by IANA's registry of special-purpose addresses.
    private static let special4: [(network: UInt32, bits: Int)] = [
        (0x0000_0000, 8),  // this host
        (0x0A00_0000, 8),  // private
        (0x6440_0000, 10),  // carrier-grade NAT
        (0x7F00_0000, 8),  // loopback
        (0xA9FE_0000, 16),  // link-local, where clouds keep their metadata
        (0xAC10_0000, 12),  // private
        (0xC000_0000, 24),  // protocol assignments
        (0xC000_0200, 24),  // documentation
        (0xC058_6300, 24),  // 6to4 relays
        (0xC0A8_0000, 16),  // private
        (0xC612_0000, 15),  // benchmarks
        (0xC633_6400, 24),  // documentation
        (0xCB00_7100, 24),  // documentation
        (0xE000_0000, 3),  // multicast, reserved, broadcast
    ]

    /// Whether an IPv4 address, its first byte the most significant, is public.
    package static func isPublic(_ address: UInt32) -> Bool {
        !special4.contains { address >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
    }

    /// Whether an IPv6 address is public.
    ///
    /// Only 2000::/3 is, without what carries an IPv4 address or leads nowhere.
    package static func isPublic(_ address: UInt128) -> Bool {
        guard address >> 125 == 1 else { return false }
        let first = UInt32(truncatingIfNeeded: address >> 96)
        let isTeredoOrProtocol = first >> 9 == 0x2001_0000 >> 9
        let isDocumentation = first == 0x2001_0DB8 || first >> 12 == 0x3FFF_0000 >> 12
        let is6to4 = first >> 16 == 0x2002
        return !isTeredoOrProtocol && !isDocumentation && !is6to4
    }

    /// Whether the address in a `sockaddr` is public; of an unknown family it is not.
    static func isPublic(family: Int32, socketAddress bytes: [UInt8]) -> Bool {
        switch family {
        case AF_INET where bytes.count >= 8: isPublic(number(bytes[4..<8], as: UInt32.self))
        case AF_INET6 where bytes.count >= 24: isPublic(number(bytes[8..<24], as: UInt128.self))
        default: false
        }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, as _: Number.Type) -> Number {
        bytes.reduce(0) { $0 << 8 | Number($1) }
    }
}
