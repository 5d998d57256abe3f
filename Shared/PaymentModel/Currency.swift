/// A currency of ISO 4217.
///
/// Only codes of the table can be made, so the digits of its minor unit are always known.
package struct Currency: Hashable, TextCoded {
    /// Three capital letters.
    package let code: String

    /// How many digits follow the decimal separator.
    package var minorDigits: Int { Currency.unusualMinorDigits[code] ?? 2 }

    package static let eur = Currency(known: "EUR")

    package var description: String { code }

    package init?(_ code: String) {
        guard Currency.codes.contains(code) else { return nil }
        self.code = code
    }

    private init(known code: String) { self.code = code }

    /// Every code that can be used, in alphabetical order.
    package static var allCodes: [String] { codes.sorted() }

    private static let unusualMinorDigits: [String: Int] = {
        let none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
        let three = "BHD IQD JOD KWD LYD OMR TND"
        var digits: [String: Int] = ["CLF": 4, "UYW": 4]
        for code in none.split(separator: " ") { digits[String(code)] = 0 }
        for code in three.split(separator: " ") { digits[String(code)] = 3 }
        return digits
    }()

    private static let codes: Set<String> = Set(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
        CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
        GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT \
        LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR \
        NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
        SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF \
        XCD XOF XPF YER ZAR ZMW ZWG
        """.split(separator: " ").map(String.init))
}
