import PaymentModel

/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error {
    case organisation
    case clinic(ClinicID)
    case client(ClientID)
    case invoice(InvoiceID)
    case paymentOnAccount(PaymentOnAccountID)
}
