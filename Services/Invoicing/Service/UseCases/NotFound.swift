import InvoicingDomain
import PaymentModel

/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error {
    case organisation
    case clinic(ClinicID)
    case client(ClientID)
    case invoice(InvoiceID)
    case creditNote(CreditNoteID)
    case paymentOnAccount(PaymentOnAccountID)
    case receivable(ReceivableID)
    case quote(QuoteID)
    case contact(ContactID)
    case settlement(SettlementID)
    case onlinePayment(PaymentID)
    case phone
    case method
    case importFile(ImportID)
    case importMapping(String)
}

extension NotFound: CustomStringConvertible {
    /// What a person reads who looks after a parked message.
    var description: String {
        switch self {
        case .organisation: "the organisation is not known"
        case .clinic(let id): "the clinic \(id) is not in this organisation"
        case .client(let id): "the client \(id) is not in this organisation"
        case .invoice(let id): "the invoice \(id) is not in this organisation"
        case .creditNote(let id): "the credit note \(id) is not in this organisation"
        case .paymentOnAccount(let id): "the payment on account \(id) is not in this organisation"
        case .receivable(let id): "the receivable \(id) is not in this organisation"
        case .settlement(let id): "the settlement \(id) is not in this organisation"
        case .contact(let id): "the contact \(id) is not of this client"
        case .quote(let id): "the quote \(id) is not in this organisation"
        case .onlinePayment(let id): "the online payment \(id) does not wait in this organisation"
        case .phone: "no client of this organisation has this phone number"
        case .method: "this organisation has no such method of payment"
        case .importFile(let id): "the import \(id) is not in this organisation"
        case .importMapping(let name): "this organisation has no mapping \(name)"
        }
    }
}
