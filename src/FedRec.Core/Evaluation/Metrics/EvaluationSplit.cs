using FedRec.Core.Data;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>What is ranked and what is not, for one kind of evaluation.</summary>
/// <param name="Train">Each user's history, which scorers see; removed from the candidates.</param>
/// <param name="AlsoRemoved">Further items that are no candidates, and not in <paramref name="Train"/>.</param>
/// <param name="HeldOut">The items to find.</param>
/// <param name="ItemCount">Items of the catalogue.</param>
public sealed record EvaluationSplit(UserItems Train, UserItems AlsoRemoved, UserItems HeldOut, int ItemCount)
{
    /// <summary>Tags of the items, for diversity; null when none are known. Default: null.</summary>
    public ItemTags? Tags { get; init; }

    /// <summary>What may be recommended to whom; a held-out item that may not be is never found. Default: everything to everybody.</summary>
    public CandidateFilter Candidates { get; init; } = CandidateFilter.None;

    /// <summary>What is predicted, for a labelled table; null for interactions. Default: null.</summary>
    public Data.Features.LabelTask? Task { get; init; }

    /// <summary>Held-out items that are evaluated apart and are in no mean, of users without any in <see cref="HeldOut"/>; null for none. Default: null.</summary>
    public UserItems? Apart { get; init; }

    /// <summary>What the times count. Default: seconds.</summary>
    public TimeUnit TimeUnit { get; init; }

    /// <summary>Users with held-out items, who are in the means.</summary>
    public IEnumerable<int> Evaluated => Enumerable.Range(0, HeldOut.UserCount).Where(user => !HeldOut.Items(user).IsEmpty);

    /// <summary>Finds the test items. Training items, and what was met before the test where validation is held out, are no candidates; a scorer
    /// sees the training items only.</summary>
    public static EvaluationSplit Test(Dataset dataset) => Of(dataset, dataset.MetBeforeTest ?? dataset.Validation, dataset.Test) with { Apart = dataset.ColdTest };

    /// <summary>Finds the validation items. Training items are no candidates; test items are, for they must not be known here.</summary>
    public static EvaluationSplit Validation(Dataset dataset) => Of(dataset, new UserItems(new int[dataset.Users.Count + 1], []), dataset.Validation);

    private static EvaluationSplit Of(Dataset dataset, UserItems alsoRemoved, UserItems heldOut) => new(dataset.Train, alsoRemoved, heldOut, dataset.Items.Count)
    {
        Tags = ItemTags.Of(dataset.Catalogue),
        Candidates = dataset.Candidates,
        Task = dataset.Task,
        TimeUnit = dataset.TimeUnit,
    };
}
