import PaymentModel

/// A row holds what no version of this program writes.
struct StoredValueError: Error {
    let column: String
}

func storedCurrency(_ code: String) throws -> Currency {
    guard let currency = Currency(code) else { throw StoredValueError(column: "currency") }
    return currency
}

func storedProvider(_ name: String) throws -> Provider {
    guard let provider = Provider(rawValue: name) else { throw StoredValueError(column: "provider") }
    return provider
}
