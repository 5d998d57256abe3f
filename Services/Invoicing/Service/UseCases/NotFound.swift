import PaymentModel

/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error {
    case organisation
    case clinic(ClinicID)
    case client(ClientID)
    case invoice(InvoiceID)
    case paymentOnAccount(PaymentOnAccountID)
}

extension NotFound: CustomStringConvertible {
    /// What a person reads who looks after a parked message.
    var description: String {
        switch self {
        case .organisation: "the organisation is not known"
        case .clinic(let id): "the clinic \(id) is not in this organisation"
        case .client(let id): "the client \(id) is not in this organisation"
        case .invoice(let id): "the invoice \(id) is not in this organisation"
        case .paymentOnAccount(let id): "the payment on account \(id) is not in this organisation"
        }
    }
}
