/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error, Hashable {
    case account
    case clinic
    case code
    case payment
}
