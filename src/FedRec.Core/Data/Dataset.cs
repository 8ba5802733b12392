using System.Runtime.CompilerServices;
using FedRec.Core.Data.Features;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>Loaded, cleaned and split interactions of a federation; read-only and shared by all readers of one process.</summary>
/// <param name="Name">Short name for people, such as <c>ml-100k</c>.</param>
/// <param name="Users">Original user ids.</param>
/// <param name="Items">Original item ids.</param>
/// <param name="Catalogue">Titles and tags of the items.</param>
/// <param name="Train">What clients may train on.</param>
/// <param name="Validation">Held out for early stopping; empty unless asked for.</param>
/// <param name="Test">Held out for evaluation; never shown to a trainer.</param>
/// <param name="Protocol">How the split was made, in one sentence for the reader of a result.</param>
/// <param name="Report">What the readers accepted, merged and refused.</param>
public sealed record Dataset(
    string Name,
    IdMap Users,
    IdMap Items,
    ItemCatalogue Catalogue,
    UserItems Train,
    UserItems Validation,
    UserItems Test,
    string Protocol,
    LoadReport Report)
{
    private static readonly ConditionalWeakTable<Dataset, string> s_hashes = []; // beside the record, so that a changed copy has a hash of its own

    /// <summary>The party that holds each user, for data that comes from organisations; null when every user may be a client. Default: null.</summary>
    public UserParties? Parties { get; init; }

    /// <summary>Held-out items of users without training items, and held-out items that nobody has in training: evaluated apart, and in no mean. Only a
    /// temporal split tells them apart; null when there are none. Default: null.</summary>
    public UserItems? ColdTest { get; init; }

    /// <summary>What users met between training and test, among it <see cref="Validation"/>: no candidates of the test; null for no more than validation.
    /// Default: null.</summary>
    public UserItems? MetBeforeTest { get; init; }

    /// <summary>All of its interactions, each in one of these.</summary>
    public IEnumerable<UserItems> Splits
    {
        get
        {
            yield return Train;
            yield return MetBeforeTest ?? Validation;
            yield return Test;
            if (ColdTest is not null)
            {
                yield return ColdTest;
            }
        }
    }

    /// <summary>What may be recommended to whom and when. Made of the catalogue that the dataset is made with; see <see cref="WithCatalogue"/>.</summary>
    public CandidateFilter Candidates
    {
        get => field ??= CandidateFilter.Of(Train, Catalogue);
        internal init;
    }

    /// <summary>The same interactions under another catalogue, with what it says of candidates.</summary>
    public Dataset WithCatalogue(ItemCatalogue catalogue) => this with { Catalogue = catalogue, Candidates = CandidateFilter.Of(Train, catalogue) };

    /// <summary>What the times of all splits count. Default: seconds.</summary>
    public TimeUnit TimeUnit { get; init; }

    /// <summary>Public features of the items, a row for each; null when there are none. Default: null.</summary>
    public FeatureTable? ItemFeatures { get; init; }

    /// <summary>What is predicted, for a labelled table; null for interactions. Default: null.</summary>
    public LabelTask? Task { get; init; }

    /// <summary>SHA-256 of what training and evaluation see: users, items, interactions with rating, time, weight and kind, features, and what is held
    /// out. Equal for equal data whatever its file, format and order of rows. Computed when it is first asked for.</summary>
    public string Sha256 => s_hashes.GetValue(this, DatasetHash.Of);

    /// <summary>SHA-256 of the same together with the order of users and items: what the numbers of clients and the rows of parameters mean.</summary>
    public string NumberedSha256 => DatasetHash.Numbered(this);
}
